/** When a session is seen on a display: by what its application fills the window with, or else by the window. */
import type { LabHost } from '../../test/rigs/lab/host.ts';
import { until } from '../../test/rigs/until.ts';
import { Pixels } from './pixels.ts';
import { Windows } from './windows.ts';

/** 0xRRGGBB that nothing else there has; where what is shown has no such colour, the title of its window. */
export type Look = { readonly colour: number } | { readonly title: RegExp };

export interface Screen {
  /** The moment (performance.now) at which it is seen next. */
  when(): Promise<number>;
  /** Resolves when it is not seen any more. */
  gone(): Promise<void>;
  close(): void;
}

export async function screenOf(host: LabHost, look: Look): Promise<Screen> {
  if ('colour' in look) {
    const pixels = await Pixels.of(host);
    const { colour } = look;
    return { when: () => pixels.when(colour), gone: () => pixels.gone(colour), close: () => pixels.close() };
  }
  const windows = await Windows.watch(host);
  const { title } = look;
  return {
    when: () => windows.next(title),
    gone: async () => {
      const isThere = async () => (await host.windows()).some(({ name }) => title.test(name));
      await until(`no ${title} on ${host.name}`, async () => !(await isThere()), 20_000);
    },
    close: () => windows.close(),
  };
}
