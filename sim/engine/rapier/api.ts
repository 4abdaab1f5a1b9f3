// The doorway to Rapier. The order of the lines matters.
import './finalizers-off.ts';
import RAPIER from '@dimforge/rapier3d-simd-compat';
import './finalizers-on.ts';

export default RAPIER;
