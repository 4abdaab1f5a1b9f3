import { serveThread } from '../../sim/serve-thread.ts';
import { flyPart } from './demonstration.ts';

serveThread(flyPart);
