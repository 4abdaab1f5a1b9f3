/** Full topic names, `*` standing for anything; all topics if `include` is not given. */
export interface TopicChoice {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Whether a topic is among those that were chosen. */
export function makeTopicFilter(choice: TopicChoice): (topic: string) => boolean {
  const compile = (pattern: string) => {
    const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${escaped}$`);
  };
  const include = (choice.include ?? ['*']).map(compile);
  const exclude = (choice.exclude ?? []).map(compile);
  return (topic) =>
    include.some((pattern) => pattern.test(topic)) &&
    !exclude.some((pattern) => pattern.test(topic));
}
