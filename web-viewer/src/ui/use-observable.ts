import { useEffect, useReducer } from 'preact/hooks';
import type { Observable } from '../observable.ts';

/** The value of an observable; the component redraws when it changes. */
export function useObservable<T>(observable: Observable<T>): T {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  const value = observable.get();
  useEffect(() => {
    // Effects run after the picture: what changed in between would never be seen.
    if (!Object.is(observable.get(), value)) redraw(undefined);
    return observable.subscribe(() => redraw(undefined));
  }, [observable]);
  return value;
}

/** Redraws at a fixed rate, for numbers that change faster than anybody reads. */
export function useTick(rateHz: number): void {
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => redraw(undefined), 1000 / rateHz);
    return () => clearInterval(timer);
  }, [rateHz]);
}
