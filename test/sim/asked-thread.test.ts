import { afterEach, describe, expect, it } from 'vitest';
import { AskedThread } from '../../sim/asked-thread.ts';
import { UserError } from '../../sim/errors.ts';
import type { Wish } from '../kit/obedient-thread.ts';

const threads: AskedThread<Wish, string>[] = [];
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.end();
});

function start(): AskedThread<Wish, string> {
  const entry = new URL('../kit/obedient-thread-entry.js', import.meta.url);
  const thread = new AskedThread<Wish, string>({ entry, name: 'obedient' });
  threads.push(thread);
  return thread;
}

describe('a thread that is asked', () => {
  it('answers one thing at a time', async () => {
    const thread = start();
    const first = thread.ask('echo');
    await expect(thread.ask('echo')).rejects.toThrow("thread 'obedient' is still asked something");
    expect(await first).toBe('heard echo');
    expect(await thread.ask('echo')).toBe('heard echo');
  });

  it('hands on what is the user’s mistake and what is a fault, and goes on', async () => {
    const thread = start();
    const refused = thread.ask('refuse');
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(/wish: not granted/);
    await expect(thread.ask('fail')).rejects.toThrow(
      /thread 'obedient': TypeError: this is a fault/,
    );
    expect(await thread.ask('echo')).toBe('heard echo');
  });

  it('is not lost over what cannot be sent to it', async () => {
    const thread = start();
    await expect(thread.ask(() => {})).rejects.toThrow(/could not be cloned/);
    expect(await thread.ask('echo')).toBe('heard echo');
  });

  it('tells whoever asks, and whoever asks later, that it has died', async () => {
    const thread = start();
    await expect(thread.ask('die')).rejects.toThrow('ended by itself with code 3');
    await expect(thread.ask('echo')).rejects.toThrow('ended by itself with code 3');
  });

  it('lets go of whoever waits when it is ended, twice too', async () => {
    const thread = start();
    const waiting = thread.ask('wait');
    const ended = Promise.all([thread.end(), thread.end()]);
    await expect(waiting).rejects.toThrow("thread 'obedient' has been ended");
    await ended;
  });
});
