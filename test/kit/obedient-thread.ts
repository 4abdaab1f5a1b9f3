import { UserError } from '../../sim/errors.ts';
import { serveThread } from '../../sim/serve-thread.ts';

/** What the thread of asked-thread.test.ts can be asked. */
export type Wish = 'echo' | 'refuse' | 'fail' | 'die' | 'wait' | (() => void);

serveThread(async (wish: Wish): Promise<string> => {
  if (wish === 'refuse') {
    const parts = { where: 'wish', problem: 'not granted', expected: 'another', got: wish };
    throw new UserError({ ...parts, remedy: 'Wish for something else' });
  }
  if (wish === 'fail') throw new TypeError('this is a fault');
  if (wish === 'die') process.exit(3);
  if (wish === 'wait') await new Promise(() => {});
  return `heard ${String(wish)}`;
});
