/** Reserved for what the safety filter does; no robot wears one of these as its own. */
export const SAFETY_COLOURS: Readonly<Record<string, string>> = {
  pass: '#3fb950',
  clamp: '#d4b13a',
  hold: '#f0883e',
  damp: '#ff6a3d',
  stop: '#ff3b3b',
  unknown: '#6b7785',
};

export function getSafetyColour(action: string): string {
  return SAFETY_COLOURS[action] ?? SAFETY_COLOURS.unknown!;
}

/** Series of one chart, told apart by lightness as well as hue. */
export const SERIES_COLOURS = ['#4cc2ff', '#c792ff', '#7ee0c3', '#f3a6d8', '#9fb3ff', '#d7dee7'];

/** A robot's own colour: hues from cyan to pink, spread so that neighbours differ. */
export function getRobotColour(index: number): string {
  const hue = 175 + ((index * 0.618034) % 1) * 150;
  return `hsl(${hue.toFixed(1)}, 85%, 68%)`;
}
