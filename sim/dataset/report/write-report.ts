import path from 'node:path';
import { replaceFile } from '../files.ts';
import { REPORT_HTML, REPORT_JSON } from '../layout-paths.ts';
import { drawCharts } from './charts.ts';
import { renderHtml } from './html.ts';
import { computeQuality, type QualityReport } from './quality.ts';

/**
 * Writes report.json and report.html into the folder of a dataset; both are of what the dataset holds now.
 * @throws UserError as computeQuality, and if they cannot be written
 */
export async function writeReport(folder: string): Promise<QualityReport> {
  const report = computeQuality(folder);
  const html = renderHtml(report, await drawCharts(report));
  replaceFile(path.join(folder, REPORT_JSON), `${JSON.stringify(report, undefined, 2)}\n`);
  replaceFile(path.join(folder, REPORT_HTML), html);
  return report;
}
