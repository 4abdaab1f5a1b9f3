import { FINALIZATION_REGISTRY } from './finalizers-off.ts';

Object.assign(globalThis, { FinalizationRegistry: FINALIZATION_REGISTRY });
