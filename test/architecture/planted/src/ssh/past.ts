export const past = async () => new (await import('ssh2')).Client();
