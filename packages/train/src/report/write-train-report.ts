import { writeHead, writeHeads } from '@judge-decoding/core';
import { writeAtomically } from '@judge-decoding/long-work';
import { headCard } from './card.ts';
import { DOMAINS_FILE, reportCsv, reportJson, type TrainReport } from './train-report.ts';

/** Writes head files, the card, and the report as page, CSV and JSON; returns their paths, heads first. */
export async function writeTrainReport(report: TrainReport, folder: string): Promise<readonly string[]> {
  // draws with a large library, which nobody else needs
  const { domains = [] } = report;
  const { trainReportPage } = await import('./report-page.ts');
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ...report.fit.heads.map(({ name, head }) => [`${name}.safetensors`, writeHead(head)] as const),
    ...(domains.length === 0
      ? []
      : [
          [
            DOMAINS_FILE,
            writeHeads(Object.fromEntries(domains.map(({ name, head }) => [name, head]))),
          ] as const,
        ]),
    ['README.md', headCard(report)],
    ['report.html', trainReportPage(report)],
    ['report.csv', reportCsv(report)],
    ['report.json', reportJson(report)],
  ];
  for (const [name, content] of files) await writeAtomically(`${folder}/${name}`, content);
  return files.map(([name]) => `${folder}/${name}`);
}
