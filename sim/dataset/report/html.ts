import type { Chart } from './charts.ts';
import type { QualityReport } from './quality.ts';

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1rem; font-weight: 600; margin: 0 0 .5rem; }
table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .15rem 1.2rem .15rem 0; vertical-align: top; text-align: left; font-weight: inherit; }
th { border-bottom: 1px solid #ccc; }
td:first-child { color: #666; }
.problems { border-left: 4px solid #b2182b; padding-left: 1rem; }
.warnings { border-left: 4px solid #e0a100; padding-left: 1rem; }
.charts { display: flex; flex-wrap: wrap; gap: 2rem; }
figure { margin: 0; }
svg { max-width: 100%; height: auto; }
`;

/** One page that needs nothing else: no script, no font, no address. */
export function renderHtml(report: QualityReport, charts: readonly Chart[]): string {
  return renderPage({
    title: `${report.task}: ${report.episodes} episodes`,
    heading: report.task,
    facts: listFacts(report),
    lists: [
      { kind: 'problems', title: 'Problems', entries: report.problems },
      { kind: 'warnings', title: 'Worth a look', entries: report.warnings },
    ],
    charts,
  });
}

/** What a page of a report says. */
export interface ReportPage {
  readonly title: string;
  readonly heading: string;
  /** Name and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly lists: readonly {
    readonly kind: 'problems' | 'warnings';
    readonly title: string;
    readonly entries: readonly string[];
  }[];
  readonly tables?: readonly Table[];
  readonly charts: readonly Chart[];
}

/** Text in rows and columns. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  /** Each as long as the header. */
  readonly rows: readonly (readonly string[])[];
}

export function renderPage(page: ReportPage): string {
  const { title, heading, facts, lists, tables = [], charts } = page;
  const figures = charts.map(
    (chart) => `<figure><h2>${escapeHtml(chart.title)}</h2>${chart.svg}</figure>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<h1>${escapeHtml(heading)}</h1>
${renderFacts(facts)}
${tables.map(renderTable).join('\n')}
${lists.map(({ kind, title, entries }) => renderList(kind, title, entries)).join('\n')}
<div class="charts">
${figures.join('\n')}
</div>
</html>
`;
}

/** Name and value of what a dataset is, for people. */
export function listFacts(report: QualityReport): readonly (readonly [string, string])[] {
  const { episodes, frames, underWay } = report;
  return [
    ['robot', `${report.robot} in ${report.engine}`],
    ['acted by', report.policy],
    ['episodes', `${episodes}, ${frames} control steps`],
    ...(underWay.episodes === 0
      ? []
      : [
          [
            'under way',
            `${underWay.episodes} that have ended, ${underWay.frames} control steps, ${underWay.successes} successes: in shards that are not complete`,
          ] as const,
        ]),
    ...(episodes === 0 ? [] : listResults(report)),
    ['drawn', `${report.parameters.length} parameters`],
    ['size', `${(report.size / 1e6).toFixed(1)} MB, ${report.format}`],
  ];
}

function listResults(report: QualityReport): readonly (readonly [string, string])[] {
  const { successRate, ci95, returns, lengths, duplicates, nonFinite } = report;
  const percent = (share: number) => (100 * share).toFixed(1);
  return [
    ['success', `${percent(successRate)} % (95 %: ${percent(ci95[0])} … ${percent(ci95[1])})`],
    ['return', `${format(returns.mean)} ± ${format(returns.deviation)}`],
    ['length', `${format(lengths.mean)} ± ${format(lengths.deviation)} control steps`],
    [
      'ended',
      Object.entries(report.ends)
        .map(([how, count]) => `${how} ${count}`)
        .join(', '),
    ],
    ['duplicates', `${duplicates.episodes}`],
    ['not finite', `${nonFinite.numbers} numbers`],
  ];
}

function renderFacts(facts: ReportPage['facts']): string {
  const rows = facts.map(
    ([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}

function renderTable({ title, header, rows }: Table): string {
  const cells = (texts: readonly string[], tag: 'td' | 'th') =>
    `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((row) => cells(row, 'td')).join('');
  return `<h2>${escapeHtml(title)}</h2><table>${cells(header, 'th')}${body}</table>`;
}

function renderList(kind: string, title: string, entries: readonly string[]): string {
  if (entries.length === 0) return '';
  const items = entries.map((entry) => `<li>${escapeHtml(entry)}</li>`).join('');
  return `<section class="${kind}"><h2>${title}</h2><ul>${items}</ul></section>`;
}

function format(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
