import { RULES } from '../../inspect/rules/index.ts'
import { THRESHOLDS } from '../../inspect/rules/thresholds.ts'
import type { Rule } from '../../inspect/rules/types.ts'
import type { Row, Section } from '../documents/types.ts'
import type { Topic } from './types.ts'

const SEVERITIES_TEXT =
  'A problem: something does not work. A warning: something suffers. A note: worth a look. sockctl help finding <name> explains one of them.'

const THRESHOLD_SECTION: Section = {
  title: 'Thresholds: --threshold name=value',
  body: [
    Object.entries(THRESHOLDS).map(
      ([name, { written, text }]): Row => [`${name}=${written}`, text],
    ),
  ],
}

/** `sockctl help findings` */
export const findings: Topic = {
  summary: 'What inspect --diagnose looks for, and how much is too much',
  sections: [
    {
      title: 'Findings',
      body: [SEVERITIES_TEXT, Object.values(RULES).map(({ id, title }): Row => [id, title])],
    },
    THRESHOLD_SECTION,
  ],
}

/** `sockctl help finding <id>`: undefined when there is no rule of that name. */
export function findingTopic(id: string): Topic | undefined {
  const rule = Object.values(RULES).find(one => one.id === id)
  return rule && { summary: rule.title, sections: [section(rule)] }
}

/** The same with every explanation, for sockctl-findings(7). */
export const findingsManual: Topic = {
  summary: findings.summary,
  sections: [
    {
      title: 'Findings',
      body: [
        SEVERITIES_TEXT,
        Object.values(RULES).map(
          ({ id, title, severity, explanation }): Row => [
            id,
            `${title} (${severity}). ${explanation}`,
          ],
        ),
      ],
    },
    THRESHOLD_SECTION,
  ],
}

/** The names of all findings. */
export const FINDING_IDS: readonly string[] = Object.keys(RULES)

function section({ id, severity, title, explanation }: Rule): Section {
  return { title: id, body: [`${title} (${severity}).`, explanation] }
}
