/** Full topic names, `*` standing for anything; all topics but hidden ones if `include` is not given. */
export interface TopicChoice {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Whether a topic is among those that were chosen. */
export function makeTopicFilter({
  include,
  exclude = [],
}: TopicChoice): (topic: string) => boolean {
  const isIncluded = include === undefined ? isVisible : makeMatcher(include);
  const isExcluded = makeMatcher(exclude);
  return (topic) => isIncluded(topic) && !isExcluded(topic);
}

/** A name with a part that begins with `_` is hidden, such as an action's own; `ros2 bag record` leaves it out, too. */
function isVisible(topic: string): boolean {
  return !topic.includes('/_');
}

function makeMatcher(patterns: readonly string[]): (topic: string) => boolean {
  const expressions = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${escaped}$`);
  });
  return (topic) => expressions.some((expression) => expression.test(topic));
}
