/** The view of a page as its search parameters; an empty value leaves the address. */
import { useCallback } from "react";
import { useSearchParams } from "react-router";

export function useViewParams() {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (key: string, value: string, { push = false } = {}) =>
      setParams(
        (old) => {
          if (value === "") old.delete(key);
          else old.set(key, value);
          return old;
        },
        { replace: !push },
      ),
    [setParams],
  );
  return { params, set };
}
