/** Fixed decimals; a dash for what is not known. Minus signs are as wide as digits. */
export function formatNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  return value
    .toFixed(decimals)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '');
}

/** [s] stamps beyond this are a date (seconds since 1970), not the age of a simulation */
const FIRST_DATE_S = 1e8;

/** Simulated time as minutes:seconds, system time as the time of day. */
export function formatStamp(seconds: number): string {
  if (!(seconds > FIRST_DATE_S)) return formatDuration(seconds);
  return new Date(1000 * seconds).toLocaleTimeString('en-GB');
}

/** minutes:seconds.tenths */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${minutes}:${rest}`;
}

/** Metres, in the unit that keeps two or three digits before the eye. */
export function formatLength(metres: number): string {
  if (!Number.isFinite(metres)) return '–';
  if (metres < 0.995) return `${(100 * metres).toFixed(metres < 0.0995 ? 1 : 0)} cm`;
  return `${metres.toFixed(2)} m`;
}

/** Three significant digits in as few characters as hold them; ∞ for what has no end. */
export function formatSignificant(value: number | undefined): string {
  if (value === undefined) return '∞';
  if (Math.abs(value) < 1e-12) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e-3 && size < 1e4 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
  return text.replaceAll('-', '−');
}
