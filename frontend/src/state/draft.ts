/** What is being written in a chat: the next message, and other words for messages that are there. */
import { fieldsOf, numberOf, textOf } from '../wire/json'
import type { Pick } from './picks'

/** What a text field holds. */
export interface Written {
  text: string
  /** Who was picked from the list of members. */
  picked?: Pick[]
}

/** Other words for one's own message, not saved yet. */
export interface Edit extends Written {
  id: string
  /** What the message said when one began, or was told of its change. */
  was: string
  /** The message is deleted: what is written can only be sent anew. */
  gone?: boolean
  /** It is on its way; not kept. */
  saving?: boolean
}

export interface Draft extends Written {
  /** The id of the message that it answers. */
  replyTo?: string
  /** The one in the field comes last; those before wait until it is done. */
  edits?: Edit[]
}

export const isEmpty = ({ text, replyTo, edits = [] }: Draft): boolean =>
  text === '' && replyTo === undefined && edits.length === 0

/** How many texts it holds that are lost without it. */
export const writtenIn = ({ text, edits = [] }: Draft): number =>
  Number(text.trim() !== '') + edits.filter((edit) => edit.text !== edit.was).length

/** The edit in the field. */
export const currentEdit = ({ edits = [] }: Draft): Edit | null =>
  edits.findLast(({ saving }) => saving !== true) ?? null

/** With this edit in the field; what was begun on another message waits, unless nothing was changed there. */
export function withEdit(draft: Draft, edit: Edit): Draft {
  const others = (draft.edits ?? []).filter(({ id, text, was, saving }) => {
    return id !== edit.id && (text !== was || saving === true)
  })
  return { ...draft, edits: [...others, edit] }
}

export const withoutEdit = (draft: Draft, id: string): Draft => {
  const { edits = [], ...rest } = draft
  const others = edits.filter((edit) => edit.id !== id)
  return others.length > 0 ? { ...rest, edits: others } : rest
}

/** The message that an edit is about is deleted; what was written stays, and can be sent anew. */
export function noteGone(draft: Draft | undefined, id: string): void {
  for (const edit of draft?.edits ?? []) if (edit.id === id) edit.gone = true
}

/** The draft once its message is sent. */
export const sentFrom = ({ edits }: Draft): Draft => (edits ? { text: '', edits } : { text: '' })

/** What an earlier page has kept; null when that is nothing. */
export function readDraft(value: unknown): Draft | null {
  const fields = fieldsOf(value)
  const written = readWritten(value)
  if (fields === null || written === null) return null
  const edits = Array.isArray(fields.edits) ? fields.edits.map(readEdit).filter((edit) => edit !== null) : []
  const replyTo = textOf(fields.replyTo)
  const draft: Draft = { ...written }
  if (replyTo !== null) draft.replyTo = replyTo
  if (edits.length > 0) draft.edits = edits
  return isEmpty(draft) ? null : draft
}

function readWritten(value: unknown): Written | null {
  const fields = fieldsOf(value)
  if (typeof fields?.text !== 'string') return null
  const picked = Array.isArray(fields.picked)
    ? fields.picked.map(readPick).filter((pick) => pick !== null)
    : []
  return picked.length > 0 ? { text: fields.text, picked } : { text: fields.text }
}

function readEdit(value: unknown): Edit | null {
  const fields = fieldsOf(value)
  const [written, id, was] = [readWritten(value), textOf(fields?.id), textOf(fields?.was)]
  if (written === null || id === null || was === null) return null
  return { ...written, id, was, ...(fields?.gone === true ? { gone: true } : {}) }
}

function readPick(value: unknown): Pick | null {
  const fields = fieldsOf(value)
  const [at, userId] = [numberOf(fields?.at), textOf(fields?.userId)]
  return at === null || userId === null ? null : { at, userId }
}
