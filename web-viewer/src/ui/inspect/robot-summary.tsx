import { computeRobotBox } from '../../inspect/bounds.ts';
import type { Inspector } from '../../inspect/inspector.ts';
import { Vector3 } from '../../scene/three.ts';
import { formatNumber, formatSignificant } from '../format.ts';
import { useObservable } from '../use-observable.ts';

/** Mass, size and centre of mass of the whole robot as it is posed. */
export function RobotSummary({ inspector }: { readonly inspector: Inspector }) {
  useObservable(inspector.poseVersion);
  const centre = inspector.computeCentreInBase();
  const box = computeRobotBox(inspector);
  return (
    <div class="detail">
      <h2>
        {inspector.model.name}
        <span class="total">{formatSignificant(inspector.model.mass)} kg</span>
      </h2>
      <dl>
        <Triple label={`centre of mass, ${inspector.model.rootLink}`} value={centre} decimals={4} />
        {!box.isEmpty() && <Triple label="size" value={box.getSize(new Vector3())} decimals={3} />}
      </dl>
    </div>
  );
}

/** Three numbers in metres. */
export function Triple(props: {
  readonly label: string;
  readonly value: Vector3 | undefined;
  readonly decimals: number;
}) {
  const numbers = props.value?.toArray() ?? [Number.NaN, Number.NaN, Number.NaN];
  return (
    <div>
      <dt>{props.label}</dt>
      <dd>
        {numbers.map((number, k) => (
          <span key={'xyz'[k]}>
            <i>{'xyz'[k]}</i>
            {formatNumber(number, props.decimals)}
          </span>
        ))}
        <i>m</i>
      </dd>
    </div>
  );
}
