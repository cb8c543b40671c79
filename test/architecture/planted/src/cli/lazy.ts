export const lazy = async () => (await import('../agent/main.ts')).main;
