/**
 * When a colour appears on a display: the window is there, and so is what the application drew. Asks for
 * a few lines of pixels every few ms, by the X protocol itself (X11R6.8 protocol, GetImage); either side
 * is watched alike.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { LabHost } from '../../test/rigs/lab/host.ts';

const EVERY_MS = 4;
/** As many pixels of a line have the colour when it is shown. */
const ENOUGH = 100;
const WIDTH = 1280;
const LINES: readonly number[] = [120, 240, 360];

export class Pixels {
  readonly #socket: Socket;
  readonly #root: number;
  #received = Buffer.alloc(0);
  #wanted: { bytes: number; resolve: (reply: Buffer) => void } | undefined;

  private constructor(socket: Socket, root: number) {
    this.#socket = socket;
    this.#root = root;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#give();
    });
  }

  static async of(host: LabHost): Promise<Pixels> {
    const socket = connect(join(`/proc/${host.pid}/root/tmp/.X11-unix`, `X${host.display.slice(1)}`));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve());
    });
    const { name, data } = cookieOf(readFileSync(join(host.home, '.Xauthority')));
    const head = Buffer.from([0x6c, 0, 11, 0, 0, 0, name.length, 0, data.length, 0, 0, 0]);
    socket.write(Buffer.concat([head, padded(name), padded(data)]));
    const reply = await whole(socket, 8, (start) => 8 + start.readUInt16LE(6) * 4);
    if (reply[0] !== 1) throw new Error(`the display of ${host.name} lets nobody in`);
    const vendor = padding(reply.readUInt16LE(24));
    return new Pixels(socket, reply.readUInt32LE(40 + vendor + reply.readUInt8(29) * 8));
  }

  /** The moment (performance.now) from which `colour` (0xRRGGBB) is seen. @throws Error after `ms` */
  when(colour: number, ms = 60_000): Promise<number> {
    return this.#until(true, colour, ms);
  }

  /** Resolves when it is not seen any more. */
  async gone(colour: number, ms = 20_000): Promise<void> {
    await this.#until(false, colour, ms);
  }

  close(): void {
    this.#socket.destroy();
  }

  async #until(isThere: boolean, colour: number, ms: number): Promise<number> {
    const deadline = performance.now() + ms;
    while (performance.now() < deadline) {
      if ((await this.#sees(colour)) === isThere) return performance.now();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    const what = colour.toString(16).padStart(6, '0');
    throw new Error(`#${what} is ${isThere ? 'not' : 'still'} on the display after ${ms} ms`);
  }

  async #sees(colour: number): Promise<boolean> {
    for (const y of LINES) {
      const line = await this.#line(y);
      let found = 0;
      for (let at = 32; at < line.length; at += 4)
        if ((line.readUInt32LE(at) & 0xffffff) === colour) found += 1;
      if (found >= ENOUGH) return true;
    }
    return false;
  }

  #line(y: number): Promise<Buffer> {
    const ask = Buffer.alloc(20);
    // GetImage, ZPixmap.
    ask.writeUInt8(73, 0);
    ask.writeUInt8(2, 1);
    ask.writeUInt16LE(5, 2);
    ask.writeUInt32LE(this.#root, 4);
    ask.writeInt16LE(y, 10);
    ask.writeUInt16LE(WIDTH, 12);
    ask.writeUInt16LE(1, 14);
    ask.writeUInt32LE(0xffffffff, 16);
    this.#socket.write(ask);
    return new Promise((resolve) => {
      this.#wanted = { bytes: 32 + WIDTH * 4, resolve };
      this.#give();
    });
  }

  #give(): void {
    const { bytes = Number.POSITIVE_INFINITY, resolve } = this.#wanted ?? {};
    if (this.#received.length < bytes) return;
    const reply = this.#received.subarray(0, bytes);
    this.#received = this.#received.subarray(bytes);
    this.#wanted = undefined;
    resolve?.(reply);
  }
}

/** The first bytes of a stream that make up a message, by what its beginning says. */
function whole(socket: Socket, least: number, size: (start: Buffer) => number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let got = Buffer.alloc(0);
    const take = (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (got.length < least || got.length < size(got)) return;
      socket.off('data', take);
      resolve(got);
    };
    socket.on('data', take);
    socket.once('close', () => reject(new Error('the display hung up')));
  });
}

/** The first entry of an Xauthority file: family, then counted address, number, name and data, big endian. */
function cookieOf(file: Buffer): { name: Buffer; data: Buffer } {
  const fields: Buffer[] = [];
  for (let at = 2; fields.length < 4; ) {
    const length = file.readUInt16BE(at);
    fields.push(file.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const [, , name = Buffer.alloc(0), data = Buffer.alloc(0)] = fields;
  return { name, data };
}

const padding = (length: number) => (length + 3) & ~3;

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], padding(bytes.length));
}
