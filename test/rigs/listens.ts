import { connect } from 'node:net';

/**
 * Whether a server takes connections at that unix socket: its file is there a moment before (bind(2) makes it,
 * listen(2) comes after), and refuses until then.
 */
export async function listens(socket: string): Promise<boolean> {
  const trial = connect(socket);
  const does = await new Promise<boolean>((resolve) => {
    trial.once('connect', () => resolve(true));
    trial.once('error', () => resolve(false));
  });
  trial.destroy();
  return does;
}
