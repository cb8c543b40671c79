/** A call as the server hands it to a method, its connection in the test's hands. */
import type { Call } from '../../../src/agent/api/server.ts';

export function fakeCall() {
  const sent: [string, unknown][] = [];
  const said: string[] = [];
  const closers: (() => void)[] = [];
  const call = {
    signal: new AbortController().signal,
    progress: (text: string) => void said.push(text),
    connection: {
      hello: { hotdesk: 1, version: '1', role: 'agent', hostId: 'P', host: 'peer' },
      backlog: () => 0,
      onClose: (listener: () => void) => void closers.push(listener),
      send: (event: string, data: unknown) => void sent.push([event, data]),
    },
  } as unknown as Call;
  return { call, sent, said, close: () => closers.forEach((close) => void close()) };
}
