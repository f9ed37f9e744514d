import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { acknowledgementSchema, type Alert, alertSchema } from '../../../src/wire/index.ts';
import { useSource } from './use-answer.ts';

/** Says to all who watch that somebody saw an alert. */
export function useAcknowledge(): UseMutationResult<Alert, Error, { id: string; by: string }> {
  const { service } = useSource();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, by }) => {
      if (service === null) throw new Error('useAcknowledge: a report changes nothing');
      const body = acknowledgementSchema.parse({ by });
      const path = `/alerts/${encodeURIComponent(id)}/acknowledge`;
      return alertSchema.parse(await service.post(path, body));
    },
    onSuccess: () => queries.invalidateQueries(),
  });
}
