import type { Topic } from './types.ts'

/** `sockctl help json` */
export const json: Topic = {
  summary: 'What --json prints, and what stays the same',
  sections: [
    {
      title: 'What you can rely on',
      body: [
        `Within a schema number keys are only added. Names are camelCase and end in their unit (durationMs, bytesIn); times are RFC 3339 in UTC; ports are numbers; states are written as in sockctl help states. What is not known is left out: never "", "-" or 0 in its place.`,
        'Errors and remarks for people stay on stderr.',
      ],
    },
  ],
}
