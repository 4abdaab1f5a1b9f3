import { useEffect, useState } from 'preact/hooks';

/** A second press within this time confirms. */
const CONFIRM_MS = 3000;

/** A button that must be pressed twice, for what can set robots in motion. */
export function ConfirmButton(props: {
  readonly label: string;
  readonly isDisabled: boolean;
  readonly onConfirm: () => void;
}) {
  const [isArmed, setArmed] = useState(false);
  useEffect(() => {
    if (!isArmed) return;
    const timer = setTimeout(() => setArmed(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [isArmed]);
  return (
    <button
      type="button"
      class="confirm"
      data-armed={isArmed}
      disabled={props.isDisabled}
      onClick={() => {
        setArmed(!isArmed);
        if (isArmed) props.onConfirm();
      }}
    >
      {isArmed ? `${props.label}: sure?` : props.label}
    </button>
  );
}
