/* The theme writes the name of a chosen file into the line of text that it finds nearby, taking it for a part of a file
   field of its own. We have none of these: it was the place of a photo, or an amount. It passes by what it believes to have seen. */
"use strict";
HTMLInputElement.prototype.hasChangeListener = true;
