import { makeTwoHosts } from '../../kit/namespaces.ts';

/** Who may not make network namespaces is told so at once. @throws Error saying what to do */
export default function requireNamespaces(): void {
  makeTwoHosts().remove();
}
