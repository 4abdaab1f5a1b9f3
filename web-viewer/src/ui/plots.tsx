import type { Fleet } from '../fleet.ts';
import type { Session } from '../session.ts';
import { PlotChart } from './plot-chart.tsx';

/** The charts that the server proposes, for the selected robot. */
export function Plots(props: { readonly session: Session; readonly fleet: Fleet }) {
  return (
    <div class="plots">
      {props.fleet.welcome.plots.map((plot, index) => (
        <PlotChart
          key={plot.title}
          session={props.session}
          fleet={props.fleet}
          plot={plot}
          index={index}
        />
      ))}
    </div>
  );
}
