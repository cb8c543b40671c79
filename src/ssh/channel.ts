/** ssh2's channels as what Node promises of a Duplex. */
import type { ClientChannel } from 'ssh2';

/**
 * Makes `destroy` do what it does on other streams: `close` follows, whatever was not read yet.
 * (ssh2's emits it only once all data has been read, so a stream that is given up would count as
 * open for ever.) And an error is never without a listener: the end of a connection closes its
 * channels, and says why by `SshConnection.closed`.
 */
export function tame(channel: ClientChannel): ClientChannel {
  const destroy = channel.destroy.bind(channel);
  channel.destroy = () => {
    destroy();
    channel.resume();
    channel.stderr.resume();
    return channel;
  };
  channel.on('error', () => {});
  return channel;
}
