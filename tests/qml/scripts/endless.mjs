for (;;)
    ;
export function fine() {}
