'use client';

import { Button, Grid, Skeleton, Table, type TableColumnsType } from 'antd';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { FailureNote } from './failure';
import styles from './list-table.module.css';
import { useFlashing } from './use-flashing';

export type Columns<T> = TableColumnsType<T>;

/** What `useList` answers, as far as a table needs it. */
type List<T> = {
  readonly rows: readonly T[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly refetch: () => unknown;
};

type Props<T> = {
  readonly list: List<T>;
  readonly columns: Columns<T>;
  readonly rowKey: (row: T) => string;
  readonly empty: ReactNode;
  readonly onOpen?: (row: T) => void;
  /** How a row looks on a phone; without it the table scrolls sideways. */
  readonly card?: (row: T) => ReactNode;
};

/** Rows with skeleton, empty state, errors, further pages, and a flash for what a push has changed. */
export function ListTable<T extends object>(props: Props<T>) {
  const { list, columns, rowKey, empty, onOpen, card } = props;
  const t = useTranslations('common');
  const phone = Grid.useBreakpoint().md === false;
  const flashing = useFlashing(list.rows, rowKey);

  if (list.error !== null && list.rows.length === 0) {
    return (
      <div className={styles.pad}>
        <FailureNote error={list.error} retry={() => void list.refetch()} />
      </div>
    );
  }
  if (list.isPending) {
    return (
      <div className={styles.pad}>
        <Skeleton active title={false} paragraph={{ rows: 6, width: ['100%', '96%', '99%', '92%', '97%', '90%'] }} />
      </div>
    );
  }
  if (list.rows.length === 0) return <>{empty}</>;

  return (
    <>
      {phone && card !== undefined ? (
        <ul className={styles.cards}>
          {list.rows.map((row) => (
            <li key={rowKey(row)} className={flashing.has(rowKey(row)) ? 'flash' : ''}>
              {onOpen === undefined ? (
                card(row)
              ) : (
                <button type="button" onClick={() => onOpen(row)}>
                  {card(row)}
                </button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <Table<T>
          size="small"
          columns={columns}
          dataSource={[...list.rows]}
          rowKey={rowKey}
          pagination={false}
          scroll={{ x: 'max-content' }}
          rowClassName={(row) =>
            `${flashing.has(rowKey(row)) ? 'flash' : ''} ${onOpen === undefined ? '' : 'row-link'}`
          }
          onRow={
            onOpen === undefined
              ? undefined
              : (row) => ({
                  tabIndex: 0,
                  onClick: () => onOpen(row),
                  onKeyDown: (event) => {
                    if (event.key === 'Enter' && event.target === event.currentTarget) onOpen(row);
                  },
                })
          }
        />
      )}
      {list.hasNextPage ? (
        <div className={styles.more}>
          <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      ) : null}
    </>
  );
}
