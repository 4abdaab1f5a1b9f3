/** Options of `zerogap train`, as the command line parses them. */
export interface TrainOptions {
  /** Needed by a new run; of a resumed one they are in its folder. */
  readonly task?: string;
  readonly out?: string;
  readonly seed?: number;
  readonly engine?: string;
  readonly algorithm?: string;
  /** ONNX policies, by the name of a shipped one or by path: who is imitated; what is corrected. */
  readonly teacher?: string;
  readonly base?: string;
  /** Folder of a run to go on with. */
  readonly resume?: string;
  /** Go on although something differs that changes what is learnt. */
  readonly force?: boolean;
  readonly minutes?: number;
  readonly steps?: number;
  /** `key=value`, with dots between keys; over the recipe. */
  readonly set: readonly string[];
  /** YAML; instead of the task's own recipe. */
  readonly config?: string;
  readonly workers?: number;
  readonly numEnvs?: number;
  readonly randomize?: string;
  readonly terrain?: string;
  readonly headless?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly json?: boolean;
}
