export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
