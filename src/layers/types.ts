import type { Channel } from '../channel/types.ts'

/*
 * Layers change channels. A layer takes a channel and gives a channel: the same one with something
 * watched (an idle timeout), or one wrapped around it (a throttle, a hexdump). Each is one file in
 * this folder, a factory by the layer's own name that takes its settings, registered in `index.ts`.
 */

export type Layer = (channel: Channel) => Channel

/** Makes a layer from its settings. */
export type LayerFactory = (settings: never) => Layer
