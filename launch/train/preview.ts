import { Worker } from 'node:worker_threads';
import type { PreviewJob, PreviewNews, PreviewOrder, PreviewState } from './preview-messages.ts';

/** A few robots in a thread of their own that show what the newest policy does. */
export class Preview {
  readonly #worker: Worker;

  constructor(
    job: PreviewJob,
    listener: { onState(state: PreviewState): void; onFault(text: string): void },
  ) {
    const url = new URL('./preview-worker-entry.js', import.meta.url);
    this.#worker = new Worker(url, { workerData: job, execArgv: [], name: 'preview' });
    this.#worker.on('message', (news: PreviewNews) => {
      if (news.kind === 'state') listener.onState(news);
      else listener.onFault(news.text);
    });
    // It is there to be looked at; learning goes on without it.
    this.#worker.on('error', (error) => listener.onFault(error.message));
    this.#worker.unref();
  }

  /** Flies by another policy from now on. */
  setPolicy(policy: Uint8Array): void {
    this.#order({ kind: 'policy', policy });
  }

  setWatched(isWatched: boolean): void {
    this.#order({ kind: 'watch', isWatched });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #order(order: PreviewOrder): void {
    this.#worker.postMessage(order);
  }
}
