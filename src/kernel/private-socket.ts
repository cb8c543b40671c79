/** Unix sockets that nobody but their user can connect to. */
import type { Server } from 'node:net';

/**
 * Listens at `path` with rights 0600 from the first moment on (bind(2) makes the file by the umask).
 * @throws what `listen` fails with, such as EADDRINUSE
 */
export async function listenPrivately(server: Server, path: string): Promise<Server> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const old = process.umask(0o177);
  try {
    // The file is there when this returns: nothing else is made under this umask.
    server.listen(path);
  } finally {
    process.umask(old);
  }
  await listening;
  return server;
}
