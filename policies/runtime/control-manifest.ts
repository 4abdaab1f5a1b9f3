import type { PolicyManifest } from '../manifest.ts';

/** What a control tick must know of whoever acts, be it a network or a controller made by hand. */
export type ControlManifest = Pick<
  PolicyManifest,
  | 'name'
  | 'periodS'
  | 'jointNames'
  | 'gains'
  | 'observations'
  | 'historyLayout'
  | 'historyOrder'
  | 'positionErrorIntegral'
  | 'action'
  | 'commandRanges'
  | 'randomization'
>;
