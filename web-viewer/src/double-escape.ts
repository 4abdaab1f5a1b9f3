/** [ms] between the two presses at most */
const MAX_GAP_MS = 1000;

/**
 * Escape twice within a second: quick to find in a fright, and not hit by a stray key. Holding
 * the key counts once. Returns the function that ends listening.
 */
export function listenForDoubleEscape(onDouble: () => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.repeat) return;
    const isSecond = event.timeStamp - lastMs <= MAX_GAP_MS;
    lastMs = isSecond ? Number.NEGATIVE_INFINITY : event.timeStamp;
    if (isSecond) onDouble();
  }
  window.addEventListener('keydown', onKeyDown, { capture: true });
  return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
}
