/*
 * What the lines of --json hold, for serve, udp and connect: a table for each, in this folder, from
 * which `sockctl help json` and sockctl-json(7) are made. Each line has `event` and `time` besides.
 */

/** A key of an event: what it holds, and in which unit where its name does not say so. */
export interface EventField {
  readonly type: FieldType
  readonly text: string
  /** Where it is left out. Undefined: it is always there. */
  readonly absent?: string
}

export type FieldType = Single | `${Single}[]`

/** `object`: names of its own, with strings. */
type Single = 'string' | 'number' | 'object' | PartName

/** Objects that stand in several events. */
export type PartName = 'address' | 'endpoint' | 'farewell' | 'membership'

/** The keys of one event, in their order. */
export interface EventSchema {
  /** When it comes. */
  readonly text: string
  readonly keys: Readonly<Record<string, EventField>>
}

/** All events of one command, by their names. */
export type EventTable = Readonly<Record<string, EventSchema>>

/** A table in which no event of a union is missing, nor any of its keys. */
export type TableOf<Event extends { readonly event: string }> = {
  readonly [Name in Event['event']]: {
    readonly text: string
    readonly keys: FieldsOf<Omit<Extract<Event, { readonly event: Name }>, 'event'>>
  }
}

/** A field for each key, also for those that only some members of a union have. */
export type FieldsOf<T> = Readonly<Record<T extends T ? keyof T : never, EventField>>
