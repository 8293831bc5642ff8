export declare function whyNotEmulated(): Promise<string | undefined>;
export declare function buildEmulated(): Promise<{ readonly library: string; readonly checks: string }>;
