// Back, pressed while the page still loads, changes the address before htmx listens: the page would go
// on showing what stood there before.  Then it asks for itself again.

const [loaded] = performance.getEntriesByType("navigation");
const here = () => location.href.split("#")[0];

if (history.state?.htmx && loaded && loaded.name.split("#")[0] !== here()) location.reload();
