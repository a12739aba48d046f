"""The blocks of the drawn pages. All names, numbers and events are invented."""

from benchmarks.samples.paper import Block, Heading, NumberedList, Paragraph, Table

LETTER: tuple[Block, ...] = (
    Paragraph("Harbour Mill Museum\n27 Lock Street\nKilrush"),
    Paragraph("9 March 2026"),
    Paragraph("Dear Dr Achterberg,"),
    Paragraph(
        "Thank you for your letter of 21 February and for the photographs of the water wheel. The date that you read "
        "on the iron hub, 1864, agrees with the account book of the mill, in which a payment of 312 pounds for a new "
        "wheel is entered in the autumn of that year."
    ),
    Paragraph(
        "We would be glad to lend the account book to your exhibition from 4 May to 30 August. It is bound in leather, "
        "measures 34 by 21 centimetres and weighs 2.6 kilograms. Please show it at no more than 50 lux, and turn a "
        "page once a month, so that no opening is exposed for the whole summer."
    ),
    Paragraph(
        "Our conservator, Ms Delacroix-Byrne, will bring the volume herself and stay for the installation. She asks "
        "for a table of at least 120 centimetres, and for a case whose humidity can be kept between 45 and 55 per cent."
    ),
    Paragraph("With kind regards,"),
    Paragraph("Oisin Tremblay\nKeeper of Manuscripts"),
)

NOTICE: tuple[Block, ...] = (
    Heading("Notice to all tenants", level=1),
    Paragraph(
        "The lifts in stairwells B and C will be overhauled between Monday, 12 October, and Friday, 23 October. Each "
        "of them stands still for five working days; the two are never out of service together."
    ),
    Paragraph(
        "Deliveries of furniture should be made through stairwell A, whose lift carries 1,000 kilograms. Please tell "
        "the porter two days in advance, by telephone (extension 418) or at the lodge before 10 o'clock."
    ),
    Paragraph(
        "Whoever cannot manage the stairs may ask the porter for the goods lift at any hour. The alarm buttons are "
        "tested on both Fridays at noon; a long tone is no reason to leave the house."
    ),
    Paragraph("Property Management, Elm Court\n28 September 2026"),
)

ARTICLE_TITLE: tuple[Block, ...] = (Heading("How swifts find their nests again", level=1),)
ARTICLE_LEFT: tuple[Block, ...] = (
    Paragraph(
        "Common swifts spend up to ten months of the year on the wing. When they come back to the north in the last "
        "days of April, most of them fly to the very hole under the eaves in which they bred the summer before. How a "
        "bird that has crossed the Sahara twice finds a gap of six centimetres is still an open question."
    ),
    Paragraph(
        "A group from three observatories has now fitted 148 adult birds with loggers that weigh 0.6 grams. The "
        "devices record light, air pressure and acceleration every five minutes. Of the loggers, 97 were recovered "
        "after a year, and 83 still held usable data."
    ),
    Heading("Two journeys in one"),
    Paragraph(
        "The tracks fall into two parts. Until the birds reach the coast they keep a constant heading, as a compass "
        "would give it. From there on they follow rivers and motorways, and their paths become crooked."
    ),
)
ARTICLE_RIGHT: tuple[Block, ...] = (
    Paragraph(
        "During the last 40 kilometres nearly all birds climbed to more than 1,500 metres, circled for some minutes, "
        "and then descended in a straight line. The authors take this for a look at the landscape from above: on "
        "cloudy days the circling took three times as long."
    ),
    Heading("What old birds know"),
    Paragraph(
        "Birds in their first breeding year missed the right village by 11 kilometres on average and needed 2.4 days "
        "to correct the error. Birds of five years and more arrived within 300 metres at once."
    ),
    Paragraph(
        "This speaks for a map that is learned, not inherited. It would also explain why colonies do not move when a "
        "house is rebuilt: the young never learned another place, and the old ones search for weeks where the hole "
        "used to be."
    ),
)

NEWS_TITLE: tuple[Block, ...] = (
    Heading("The Valley Courier", level=1),
    Paragraph("Saturday, 17 January 2026, number 3"),
)
NEWS_COLUMNS: tuple[tuple[Block, ...], ...] = (
    (
        Heading("Bridge opens early"),
        Paragraph(
            "The footbridge at Sallow Bend was opened on Thursday, six weeks before the date that the council had "
            "announced. It is 62 metres long and cost 1.9 million, of which the county paid two thirds."
        ),
        Paragraph("Cyclists must dismount until the railings on the eastern side have been raised."),
    ),
    (
        Heading("Snow closes the pass"),
        Paragraph(
            "After 48 centimetres of fresh snow in one night the road over the pass has been shut since Tuesday. "
            "Drivers have to take the detour through Ostrava Gap, which adds 35 minutes."
        ),
        Paragraph("Ploughs will try again on Sunday, if the wind drops below 60 kilometres an hour."),
    ),
    (
        Heading("Choir seeks tenors"),
        Paragraph(
            "The parish choir rehearses every Wednesday at 19:30 in the old school. Sopranos are plentiful; tenors "
            "and basses are wanted urgently for the concert on 28 March."
        ),
        Paragraph("Nobody needs to read music. The first visit is free, and so is the tea."),
    ),
)

RULED_TABLE: tuple[Block, ...] = (
    Heading("Water levels in 2025", level=1),
    Paragraph(
        "All levels are in centimetres above the zero of each gauge. The mean is that of the daily readings at seven "
        "in the morning."
    ),
    Table(
        (
            ("Gauge", "Lowest", "Mean", "Highest", "Days of flood"),
            ("Sallow Bend", "84", "152", "417", "6"),
            ("Upper Weir", "61", "118", "365", "4"),
            ("Mill Race", "97", "140", "288", "0"),
            ("Ferry Steps", "132", "231", "602", "11"),
            ("Harbour", "205", "264", "371", "2"),
        ),
        shares=(0.32, 0.16, 0.16, 0.16, 0.2),
    ),
    Paragraph(
        "The highest level at Ferry Steps, on 9 December, was the third highest since the records began in 1927. The "
        "gauge at Mill Race was out of order from 3 to 19 July."
    ),
)

UNRULED_TABLE: tuple[Block, ...] = (
    Heading("Members by branch", level=1),
    Paragraph("The figures are those of 31 December of each year, as the branches reported them."),
    Table(
        (
            ("Branch", "2023", "2024", "2025"),
            ("Northern", "1,204", "1,251", "1,310"),
            ("Eastern", "860", "842", "829"),
            ("Southern", "2,415", "2,398", "2,467"),
            ("Western", "377", "391", "405"),
            ("Overseas", "58", "64", "71"),
            ("Total", "4,914", "4,946", "5,082"),
        ),
        shares=(0.4, 0.2, 0.2, 0.2),
        has_rules=False,
    ),
    Paragraph("The overseas branch has no premises of its own and meets twice a year by video."),
)

HANDBOOK: tuple[Block, ...] = (
    Heading("Cleaning the coffee machine", level=1),
    Heading("Every evening"),
    NumberedList(
        (
            "Empty the tray and the drawer for grounds, and rinse both under warm water.",
            "Put a tablet into the brewing group, close it, and press the two left buttons together for three seconds.",
            "Wipe the steam wand with a damp cloth while it is still warm; dried milk has to be soaked.",
        )
    ),
    Heading("Every Friday"),
    NumberedList(
        (
            "Take the hopper off and brush the beans out of the funnel.",
            "Unscrew the shower screen with the short key and leave it in 500 ml of cleaning solution overnight.",
            "Check the seal. If it is hard or cracked, order part 7730-B and note the date in the log.",
            "Descale when the counter shows more than 2,000 cups.",
        )
    ),
    Heading("What never to do"),
    Paragraph(
        "Do not pour water into the hopper, and do not open the boiler: it stands under a pressure of nine bar for "
        "about 40 minutes after the machine has been switched off."
    ),
)

MINUTES: tuple[Block, ...] = (
    Heading("Minutes of the allotment society", level=1),
    Paragraph("Held in the tool shed on 6 June 2026, from 18:00 to 19:25. Present: 23 members; chair: R. Okonkwo."),
    Heading("Water"),
    Paragraph(
        "The pump delivers 4.2 cubic metres an hour instead of six. A new impeller costs 186.50. The meeting agreed to "
        "buy one, with 21 votes against two."
    ),
    Heading("Plots"),
    Paragraph(
        "Plots 17 and 31 are free from July. The waiting list has nine names. Mrs Lindqvist asked that the hedge "
        "between plots 12 and 13 be cut before the blackbirds begin their second brood."
    ),
    Heading("Summer party"),
    Paragraph("It will be held on 25 July. The fire brigade has been told; the grill is borrowed from plot 8."),
)

CONTRACT: tuple[Block, ...] = (
    Heading("Agreement on the loan of a piano", level=1),
    Paragraph(
        "between the Municipal Theatre (hereafter the lender) and the Corbel Quartet (hereafter the borrower), for the "
        "period from 1 September 2026 to 31 May 2027."
    ),
    NumberedList(
        (
            "The lender provides a concert grand of 227 centimetres, number 518 204, built in 1994.",
            "The borrower keeps it at 19 to 22 degrees, has it tuned before each public concert at its own expense, "
            "and does not move it without written consent.",
            "It is insured for 74,000 by the lender. The borrower bears the first 1,500 of any damage.",
            "Either side may end this agreement with notice of six weeks to the end of a month.",
        )
    ),
    Paragraph("Signed in two copies on 14 August 2026."),
)

REPORT: tuple[Block, ...] = (
    Heading("Inspection of the north roof", level=1),
    Paragraph(
        "The roof was inspected on 2 November 2025 in dry weather at eight degrees. Access was by the ladder in the "
        "tower; the gutter above the vestry could only be seen from below."
    ),
    Heading("Findings"),
    Paragraph(
        "Some 40 slates have slipped, most of them in the third and fourth course above the valley. Eleven are "
        "broken. The lead of the valley is sound, but its upper edge was dressed with nails of iron, which have begun "
        "to rust."
    ),
    Paragraph(
        "The timbers below are dry. Their moisture was 14 to 16 per cent at twelve points; only the wall plate beside "
        "the chimney showed 23 per cent."
    ),
    Heading("Advice"),
    Paragraph(
        "The slates should be replaced before the winter. We estimate four days of work for two roofers and 3,280 for "
        "material and scaffold. The wall plate should be measured again in April."
    ),
)

TYPED: tuple[Block, ...] = (
    Paragraph("FIELD STATION LOG, SHEET 114"),
    Paragraph(
        "05:50 Wind from the south-west, force 3, sky clear. Barometer at 1014 and falling slowly. Fed the dogs and "
        "dug out the second hut."
    ),
    Paragraph(
        "09:15 Bradshaw and Iversen left for the ridge with provisions for two days. They carry the small set and will "
        "call at 12:00 and at 18:00."
    ),
    Paragraph(
        "12:00 Heard them clearly. Snow is firm above 700 metres. Iversen has seen the tracks of a fox, the first "
        "since March."
    ),
    Paragraph("18:05 No call. 18:40 Heard them, faint. They have camped in the lee of the large cairn."),
    Paragraph("21:30 Barometer at 1006. Lashed the roof of the hut once more."),
)
