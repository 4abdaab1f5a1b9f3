/** One value that others may watch. */
export interface Observable<T> {
  get(): T;
  set(value: T): void;
  /** Calls back after each change; returns the function that ends it. */
  subscribe(callback: () => void): () => void;
}

export function makeObservable<T>(initial: T): Observable<T> {
  let value = initial;
  const callbacks = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(value, next)) return;
      value = next;
      for (const callback of callbacks) callback();
    },
    subscribe: (callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
  };
}
