import type { ItemKind } from "@steward/core/item.ts";
import { Calendar, FileText, Image, type LucideIcon, Mail, MessageCircle, NotebookPen, UserRound } from "lucide-react";

export const KINDS: Readonly<
  Record<ItemKind, { readonly icon: LucideIcon; readonly one: string; readonly many: string }>
> = {
  mail: { icon: Mail, one: "mail", many: "Mail" },
  text: { icon: MessageCircle, one: "text", many: "Texts" },
  photo: { icon: Image, one: "photo", many: "Photos" },
  file: { icon: FileText, one: "file", many: "Files" },
  note: { icon: NotebookPen, one: "note", many: "Notes" },
  event: { icon: Calendar, one: "event", many: "Events" },
  contact: { icon: UserRound, one: "contact", many: "Contacts" },
};

export const isKind = (kind: string): kind is ItemKind => Object.hasOwn(KINDS, kind);
