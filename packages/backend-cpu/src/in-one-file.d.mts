/** Address of what `file` (an address, too) and all it imports make, kept in `folder`. Made anew where one of them has changed. */
export function inOneFile(file: string, folder?: string): Promise<string>;
