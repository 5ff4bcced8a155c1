import type { Traffic } from '../channel/traffic.ts'
import { formatBytes, formatCount } from '../units.ts'

/**
 * What went each way: `in 12 B  out 5 B`, `in 5 B (1 message)  out 0 B (0 messages)`.
 *
 * @param seconds how long it took, where a rate says something: `in 4 MiB (2 MiB/s)`
 */
export function trafficText(traffic: Traffic, seconds?: number): string {
  const { bytesIn, bytesOut, messagesIn, messagesOut } = traffic
  return `in ${amount(bytesIn, messagesIn, seconds)}  out ${amount(bytesOut, messagesOut, seconds)}`
}

/** `512 KiB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`
}

function amount(bytes: number, messages?: number, seconds?: number): string {
  const details = [
    ...(messages === undefined ? [] : [formatCount(messages, 'message')]),
    ...(seconds === undefined ? [] : [formatRate(bytes / seconds)]),
  ]
  return details.length === 0 ? formatBytes(bytes) : `${formatBytes(bytes)} (${details.join(', ')})`
}
