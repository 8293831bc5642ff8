/** What a file holds may stand in a message, and a terminal obeys control characters: they become spaces. */
export const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]+/gu, ' ');
