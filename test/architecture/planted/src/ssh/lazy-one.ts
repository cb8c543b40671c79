export const later = async () => (await import('./lazy-two.ts')).back;
