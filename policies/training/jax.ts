// The doorway to automatic differentiation. The order of the two lines matters.
import './jax-environment.ts';

export { jit, numpy, tree, valueAndGrad } from '@jax-js/jax';
