/** What a database's tables look like, in words that MariaDB, MySQL and a Prisma schema share. */
export interface ColumnShape {
  /** As information_schema writes it, without a display width: "char(32)", "decimal(36,18)", "enum('a','b')", "json". */
  type: string;
  nullable: boolean;
  /** The bare value, "now" for the current time, null for none. */
  default: string | null;
  autoIncrement: boolean;
}

export interface IndexShape {
  unique: boolean;
  columns: string[];
}

export interface ForeignKeyShape {
  columns: string[];
  table: string;
  targets: string[];
  onDelete: string;
  onUpdate: string;
}

export interface TableShape {
  columns: Record<string, ColumnShape>;
  primaryKey: string[];
  indexes: Record<string, IndexShape>;
  foreignKeys: Record<string, ForeignKeyShape>;
}

export type SchemaShape = Record<string, TableShape>;
