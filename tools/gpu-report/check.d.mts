export interface ReportFile {
  readonly engines: readonly string[];
  readonly parts: readonly { readonly part: string; readonly items: object; readonly quick?: boolean }[];
}

export declare function problemOf(report: ReportFile | undefined, engine: string): string | undefined;
export declare function currentProblem(): string | undefined;
